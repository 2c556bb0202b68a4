export async function campaignPage(context: any, _o: any): Promise<any> { await context.client.workflowService.getSystemInfo({}); return { campaigns: [], nextCursor: null }; }
