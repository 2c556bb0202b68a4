/**
 * Requests to the MANO, as they leave.
 *
 * Invariant: nothing but UUIDs, in double quotes, ever leaves. Quotes, because the MANO's YAML 1.1 reads an
 * unquoted `1234e567` or `1:30` as a number; UUIDs only, because the MANO puts the ids into its own URLs.
 */

/** What one migration asks of the MANO. */
export interface MigrationIds {
  serviceInstanceUuid: string;
  vnfUuid: string;
  vimUuid: string;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** The request to migrate a VNF. Throws a TypeError that names the field which is no UUID. */
export function encodeMigrationRequest(ids: MigrationIds): Buffer {
  return Buffer.from(
    serviceLine(ids.serviceInstanceUuid) +
      line('vnf_uuid', uuid('vnfUuid', ids.vnfUuid)) +
      line('vim_uuid', uuid('vimUuid', ids.vimUuid)),
  );
}

/** Asks whether the MANO is busy with a service; changes nothing there. Throws as encodeMigrationRequest does. */
export function encodeProbe(serviceInstanceUuid: string): Buffer {
  return Buffer.from(serviceLine(serviceInstanceUuid));
}

/** Asks whether a MANO is alive; changes nothing there. */
export function encodePing(): Buffer {
  return Buffer.from('{}\n');
}

function serviceLine(serviceInstanceUuid: string): string {
  return line('service_instance_uuid', uuid('serviceInstanceUuid', serviceInstanceUuid));
}

function line(key: string, value: string): string {
  return `${key}: "${value}"\n`;
}

/** Takes unknown, because callers in plain JavaScript hand over what they like. */
function uuid(field: keyof MigrationIds, value: unknown): string {
  if (typeof value !== 'string' || !UUID.test(value)) throw new TypeError(`${field} is not a UUID`);
  return value;
}
