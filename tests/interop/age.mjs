// Lets npm's age-encryption answer the Python tests. Standard input is one JSON list of wishes,
// standard output the list of answers; bytes travel as base64, secrets never as arguments.
//
//   {"wish": "generate", "kind": "pq" | "x25519"}              → {"identity", "recipient"}
//   {"wish": "encrypt", "recipients": [...], "data"}           → {"data"}
//   {"wish": "encrypt", "passphrase", "log_n", "data"}         → {"data"}
//   {"wish": "decrypt", "identity" | "passphrase", "data"}     → {"data"} or {"refused": why}
import * as age from "age-encryption";

async function answer(wish) {
    const data = wish.data === undefined ? undefined : new Uint8Array(Buffer.from(wish.data, "base64"));
    switch (wish.wish) {
        case "generate": {
            const identity =
                wish.kind === "pq"
                    ? await age.generateHybridIdentity()
                    : await age.generateX25519Identity();
            return { identity, recipient: await age.identityToRecipient(identity) };
        }
        case "encrypt": {
            const encrypter = new age.Encrypter();
            if (wish.passphrase !== undefined) {
                encrypter.setPassphrase(wish.passphrase);
                encrypter.setScryptWorkFactor(wish.log_n);
            }
            for (const recipient of wish.recipients ?? []) encrypter.addRecipient(recipient);
            return { data: base64(await encrypter.encrypt(data)) };
        }
        case "decrypt": {
            const decrypter = new age.Decrypter();
            if (wish.passphrase !== undefined) decrypter.addPassphrase(wish.passphrase);
            if (wish.identity !== undefined) decrypter.addIdentity(wish.identity);
            try {
                return { data: base64(await decrypter.decrypt(data)) };
            } catch (error) {
                return { refused: String(error.message) };
            }
        }
    }
    throw new Error(`unknown wish ${wish.wish}`);
}

function base64(bytes) {
    return Buffer.from(bytes).toString("base64");
}

let input = "";
for await (const chunk of process.stdin.setEncoding("utf8")) input += chunk;
const answers = [];
for (const wish of JSON.parse(input)) answers.push(await answer(wish));
process.stdout.write(JSON.stringify(answers));
