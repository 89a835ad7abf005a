// The fields of a message of the contract, before it is one.
import type { DescMessage, Message, MessageInitShape } from '@bufbuild/protobuf';

/** What `create` takes for a message, as a plain object. */
export type FieldsOf<Schema extends DescMessage> = Exclude<MessageInitShape<Schema>, Message>;
