/** The report of a campaign, as the API makes it. */
import { apiUrl, segment } from '../../api/http.js';

const FORMATS = [
  ['html', 'HTML'],
  ['json', 'JSON'],
  ['csv', 'CSV'],
] as const;

export function ReportLinks({ id }: { id: string }) {
  return (
    <p className="links">
      Report:{' '}
      {FORMATS.map(([format, name]) => (
        <a
          key={format}
          href={apiUrl(`/campaigns/${segment(id)}/report?format=${format}`)}
          {...(format === 'html' ? { target: '_blank', rel: 'noreferrer' } : { download: '' })}
        >
          {name}
          {format === 'html' ? <span className="only-read"> (in a new tab)</span> : null}
        </a>
      ))}
    </p>
  );
}
