/** The names on the MANO's bus. Source: the wiki page "Migrate a service" and the recorded runs. */

/** Requests, acks, and final replies of success or of a failed removal. */
export const MIGRATE_TOPIC = 'service.instance.migrate';

/** Where the MANO reports a final ERROR of a deployment, a network, the placement or a record. */
export const CREATE_TOPIC = 'service.instances.create';

/** Every topic on which a reply to a migration request can arrive. */
export const REPLY_TOPICS = [MIGRATE_TOPIC, CREATE_TOPIC] as const;

/** The app_id of the Service Lifecycle Manager. It ignores messages that carry it. */
export const SLM_APP_ID = 'son-plugin.ServiceLifecycleManager';

/** Topic, non-durable, not auto-delete: declared in any other way the broker closes the channel with 406. */
export const EXCHANGE_TYPE = 'topic';
export const EXCHANGE_OPTIONS = { durable: false, autoDelete: false } as const;

/** The list of VIMs: requests and answers, those of all askers. */
export const VIM_LIST_TOPIC = 'infrastructure.management.compute.list';
