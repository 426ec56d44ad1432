"""LINE: the rich menus, which one everybody sees, the switch between languages, the webhook.

The order keeps the account whole at every moment: a menu is made and gets its picture before an
alias or everybody's screen points at it, and old menus go last. A run that was cut off is taken up
by the next: a menu without its picture does not count as made.
"""

from collections.abc import Sequence
from functools import partial

from bot.config_sections import Config
from bot.platforms.line import WEBHOOK_PATH, LineAccount
from bot.setup.fonts import find
from bot.setup.menu import PREFIX, Menu, menus
from bot.setup.telling import Telling


def set_up(config: Config, account: LineAccount, telling: Telling) -> None:
    """Write what belongs to the account. Raises PlatformError at the first step that fails, NoFont
    when the machine cannot draw the menu; what was written before stays."""
    _who(account, telling)
    _menus(account, menus(find()), telling)
    _webhook(config, account, telling)
    telling.say(
        "    ดูด้วยตนเองว่าเปิด “Webhook redelivery” แล้ว (LINE Developers console → Messaging API) · "
        "see yourself that “Webhook redelivery” is on: no program can."
    )


def _who(account: LineAccount, telling: Telling) -> None:
    info = account.info()
    telling.same("บัญชีทางการ · account", account.words(info.get("basicId")))
    if info.get("chatMode") == "chat":
        telling.look(
            "แชต · chat mode", "Chat is on: people with a seat in the OA manager could read tips.",
            "LINE Official Account Manager: Settings, Response settings, switch Chat off.",
        )  # fmt: skip


def _menus(account: LineAccount, wanted: Sequence[Menu], telling: Telling) -> None:
    ours = [
        (str(each.get("name")), str(each.get("richMenuId")))
        for each in account.menus()
        if str(each.get("name")).startswith(PREFIX)
    ]
    ids = {menu.alias: _made(account, menu, ours, telling) for menu in wanted}
    aliases = account.aliases()
    for menu in wanted:
        now, menu_id = aliases.get(menu.alias), ids[menu.alias]
        telling.make_so(
            f"ปุ่มสลับภาษา · language switch ({menu.language})",
            now == menu_id,
            partial(account.set_alias, menu.alias, menu_id, is_new=now is None),
        )
    first = ids[wanted[0].alias]
    telling.make_so(
        "เมนูที่ทุกคนเห็น · everybody's menu",
        account.default_menu() == first,
        lambda: account.set_default_menu(first),
    )
    for name, menu_id in ours:
        if menu_id not in ids.values():
            account.delete_menu(menu_id)
            telling.changed("เมนูเก่า · old menu removed", account.words(name))


def _made(
    account: LineAccount, menu: Menu, ours: Sequence[tuple[str, str]], telling: Telling
) -> str:
    step = f"เมนู · rich menu ({menu.language})"
    for name, menu_id in ours:
        if name == menu.name and account.has_picture(menu_id):
            telling.same(step)
            return menu_id
    made = account.create_menu(menu.body)
    account.upload_picture(made, menu.picture)
    telling.changed(step, f"{len(menu.picture) // 1024} KiB")
    return made


def _webhook(config: Config, account: LineAccount, telling: Telling) -> None:
    step, url = "ที่อยู่รับข้อความ · webhook", config.web.public_url + WEBHOOK_PATH
    if not url.startswith("https://"):
        telling.failed(
            step, "LINE posts to https addresses only.",
            "Write the https:// address people open as [web] public_url.",
        )  # fmt: skip
        return
    now = account.webhook()
    telling.make_so(
        step, now is not None and now.get("endpoint") == url, lambda: account.set_webhook(url)
    )
    if now is None or not now.get("active"):
        now = account.webhook()
    if now is None or not now.get("active"):
        telling.look(
            "สวิตช์ webhook · webhook switch", "LINE sends nothing: “Use webhook” is off.",
            "LINE Developers console: Messaging API tab, switch “Use webhook” on.",
        )  # fmt: skip
        return
    tested = account.test_webhook()
    if tested.get("success") is True:
        telling.same("ทดสอบ webhook · webhook test", "the bot answered LINE's signed test.")
    else:
        telling.look(
            "ทดสอบ webhook · webhook test",
            f"LINE could not deliver: {account.words(tested.get('reason'))} "
            f"{account.words(tested.get('detail'))}",
            "Start the bot (saisaat serve), see that the proxy passes /line/webhook on, and that "
            "line-channel-secret is this channel's; then run this again.",
        )  # fmt: skip
