/** The head of every page: the product, the deployment, where to go, who is logged in. */
import { Link, useLocation } from 'wouter';
import { logOut, useSession } from '../api/session.js';
import type { Deployment, Session } from '../api/types.js';

const PLACES = [
  ['/', 'Campaigns'],
  ['/migrations', 'Migrations'],
  ['/vims', 'VIMs'],
  ['/limits', 'Limits'],
  ['/parked', 'Parked'],
  ['/doctor', 'Doctor'],
] as const;

export function Header() {
  const state = useSession();
  const isPresent = state.kind === 'present';
  return (
    <header className="console-head">
      <a className="skip-link" href="#main">
        Skip to the content
      </a>
      <p className="product">
        <strong>vnf-migrator</strong>
        {isPresent && state.deployment !== null ? <DeploymentName deployment={state.deployment} /> : null}
      </p>
      {isPresent ? <Navigation /> : null}
      {isPresent ? <Login session={state.session} /> : null}
    </header>
  );
}

function DeploymentName({ deployment: { deployment, namespace, version } }: { deployment: Deployment }) {
  return (
    <span className="quiet" title={`version ${version}`}>
      {deployment} / {namespace}
    </span>
  );
}

function Navigation() {
  const [location] = useLocation();
  const isAt = (place: string): boolean =>
    place === '/' ? location === '/' || location.startsWith('/campaigns') : location.startsWith(place);
  return (
    <nav aria-label="Main">
      <ul>
        {PLACES.map(([place, name]) => (
          <li key={place}>
            <Link href={place} aria-current={isAt(place) ? 'page' : undefined}>
              {name}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function Login({ session: { actor, role, login } }: { session: Session }) {
  return (
    <p className="login">
      <span>
        {actor ?? 'not logged in'} <span className="quiet">({role})</span>
      </span>
      {login === 'tokens' ? (
        <button type="button" className="secondary outline small" onClick={() => void logOut()}>
          Log out
        </button>
      ) : null}
    </p>
  );
}
