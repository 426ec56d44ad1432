-- Each channel has its own places in the outbox: a platform that is slow delays no other's lines.
ALTER TABLE outbox ADD COLUMN channel TEXT NOT NULL DEFAULT '';
UPDATE outbox SET channel = coalesce(
  (SELECT channel FROM conversation WHERE conversation.conversation = outbox.conversation), ''
);
DROP INDEX outbox_by_due;
CREATE INDEX outbox_by_due ON outbox (channel, state, not_before);
