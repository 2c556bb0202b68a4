/** The items of `--items` where no other option belongs to them. */
import { campaignItemSchema, type CampaignItemInput } from '../../shared/campaign/contract.js';
import { withVimUuids, type ResolveVim } from '../../vims/names.js';
import { CommandError, EXIT, indented } from '../exit-codes.js';
import { readItems } from './items-file.js';
import { bytesOf } from './text-file.js';
import { vimResolverFromSettings } from './vim-names.js';

/** VIMs by name become uuids. @throws CommandError that names every problem with its line */
export async function itemsFrom(
  file: string,
  resolve: ResolveVim = vimResolverFromSettings(),
): Promise<CampaignItemInput[]> {
  const reading = readItems(file, bytesOf(file));
  if (reading.kind === 'wrong') throw wrong(reading.problems);
  const { input, problems } = await withVimUuids({ items: reading.items }, resolve);
  const items = input['items'] as CampaignItemInput[];
  const place = (index: number): string => `${file}:${reading.lines[index] ?? 1}`;
  const all = [
    ...problems.map(({ path, message }) => `${place(Number(path[1]))}: ${message}`),
    ...items.flatMap((item, index) =>
      (campaignItemSchema().safeParse(item).error?.issues ?? []).map(
        ({ path, message }) => `${place(index)}: ${[...path.map(String), message].join(': ')}`,
      ),
    ),
  ];
  if (all.length > 0) throw wrong(all);
  return items;
}

function wrong(problems: readonly string[]): CommandError {
  return new CommandError(`the items are wrong:\n${indented(problems)}`, { code: EXIT.usage });
}
