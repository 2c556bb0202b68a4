// A separate process: `download-temporal <folder> <version>` makes Temporal's SDK download the Temporal CLI into
// that folder. The SDK downloads only as part of a server start, so the server is stopped immediately.
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { messageOf } from '../errors.js';

const [downloadDir, version] = process.argv.slice(2);
if (!downloadDir || !version) throw new Error('usage: download-temporal <folder> <version>');

try {
  const environment = await TestWorkflowEnvironment.createLocal({
    server: { executable: { type: 'cached-download', downloadDir, version: `v${version}` } },
  });
  await environment.teardown();
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = 1;
}
