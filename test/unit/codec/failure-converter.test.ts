import { createSecretKey, randomBytes } from 'node:crypto';
import {
  ActivityFailure,
  ApplicationFailure,
  CancelledFailure,
  DefaultFailureConverter,
  defaultPayloadConverter,
  type LoadedDataConverter,
  type ProtoFailure,
} from '@temporalio/common';
import {
  decodeOptionalFailureToOptionalError,
  encodeErrorToFailure,
} from '@temporalio/common/lib/internal-non-workflow/index.js';
import proto from '@temporalio/proto';
import { describe, expect, it } from 'vitest';
import { failureConverter } from '../../../src/codec/failure-converter.js';
import { createPayloadCodec } from '../../../src/codec/payload-codec.js';
import { UnreadablePayloadError } from '../../../src/codec/unreadable-payload.js';
import { ASK_AGAIN } from '../../../src/shared/retry-query.js';

const secret = createSecretKey(randomBytes(32));
const codec = createPayloadCodec({ encrypting: { id: 'k1', secret }, byId: new Map([['k1', secret]]) });
const writing: LoadedDataConverter = {
  payloadConverter: defaultPayloadConverter,
  failureConverter,
  payloadCodecs: [codec],
};
/** As clients read, and SDKs of other languages: with the codec, and a failure converter that knows of nothing. */
const reading: LoadedDataConverter = { ...writing, failureConverter: new DefaultFailureConverter() };

const write = (error: unknown): Promise<ProtoFailure> => encodeErrorToFailure(writing, error);
const read = (failure: ProtoFailure): Promise<Error | undefined> =>
  decodeOptionalFailureToOptionalError(reading, failure);

/** What goes to Temporal. */
function bytesOf(failure: ProtoFailure): string {
  return Buffer.from(proto.temporal.api.failure.v1.Failure.encode(failure).finish()).toString('latin1');
}

const STATE = { request: { vnfUuid: 'canary-in-details' } };

function rejected(): ApplicationFailure {
  return ApplicationFailure.create({
    type: 'MigrationRejected',
    message: 'canary-in-message',
    nonRetryable: true,
    details: [STATE],
    cause: new Error('canary-in-cause'),
  });
}

describe('of a failure', () => {
  it('the type is shown, and whether it may be retried, and nothing else', async () => {
    const failure = await write(rejected());
    expect(failure).toMatchObject({
      message: 'Encoded failure',
      stackTrace: '',
      applicationFailureInfo: { type: 'MigrationRejected', nonRetryable: true },
      cause: { message: 'Encoded failure' },
    });
    expect(bytesOf(failure)).not.toMatch(/canary|failure-converter\.test/);
  });

  it('all is there for whoever has the key, whatever converts failures there', async () => {
    const error = await read(await write(rejected()));
    expect(error).toBeInstanceOf(ApplicationFailure);
    expect(error).toMatchObject({
      type: 'MigrationRejected',
      message: 'canary-in-message',
      nonRetryable: true,
      details: [STATE],
      cause: { message: 'canary-in-cause' },
    });
    expect(error?.stack).toContain('failure-converter.test');
  });

  it('nothing is lost where it is passed on, and on again', async () => {
    const first = await read(await write(rejected()));
    const passedOn = new ActivityFailure('an activity', 'publish', '1', 'TIMEOUT', 'us', first);
    const second = await read(await write(passedOn));
    // Twice, as by an activity and by what waits for it.
    const [third] = await Promise.all([read(await write(second)), read(await write(second))]);
    const again = await read(await write(second));
    for (const error of [second, third, again]) {
      expect(error).toMatchObject({
        message: 'an activity',
        cause: { type: 'MigrationRejected', message: 'canary-in-message', details: [STATE] },
      });
    }
    expect(bytesOf(await write(second))).not.toContain('canary');
  });

  it('that is a cancellation, it is still told that it is one', async () => {
    const error = await read(await write(new CancelledFailure('canary')));
    expect(error).toBeInstanceOf(CancelledFailure);
    expect(error?.message).toBe('canary');
  });
});

describe('a message stays readable', () => {
  it.each([
    ['that tells a client to ask again', new Error(ASK_AGAIN)],
    [
      'that a query is not known',
      ApplicationFailure.retryable(
        'Workflow did not register a handler for migrationState. Registered queries: [x]',
        'ReferenceError',
      ),
    ],
    ['that a key is missing', new UnreadablePayloadError('add key "k2"')],
    [
      'that an activity misses a key',
      ApplicationFailure.fromError(new UnreadablePayloadError('add key "k2"'), {
        message: 'no: add key "k2"',
      }),
    ],
  ])('%s', async (_, error) => {
    const failure = await write(error);
    expect(failure.message).toBe(error.message);
    expect(failure.stackTrace).toBe('');
    expect((await read(failure))?.message).toBe(error.message);
  });

  it('only as a whole: what quotes one is hidden', async () => {
    expect((await write(new Error(`canary: ${ASK_AGAIN}`))).message).toBe('Encoded failure');
    expect((await write('canary')).message).toBe('Encoded failure');
  });
});
