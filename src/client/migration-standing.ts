export interface MigrationStanding { workflowId: string; status: string; unavailable: string | null }
export async function migrationStanding(_c: unknown, workflowId: string): Promise<MigrationStanding> { return { workflowId, status: 'RUNNING', unavailable: null }; }
