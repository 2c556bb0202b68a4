/** The frame of the pages, and which page a path shows. */
import { Route, Switch, useLocation } from 'wouter';
import { useSession } from './api/session.js';
import { ErrorBoundary } from './components/error-boundary.js';
import { Header } from './components/header.js';
import { OutageBanner } from './components/outage-banner.js';
import { Page } from './components/page.js';
import { CampaignPage } from './routes/campaign/index.js';
import { CampaignsPage } from './routes/campaigns.js';
import { DoctorPage } from './routes/doctor.js';
import { LimitsPage } from './routes/limits.js';
import { LoginPage } from './routes/login.js';
import { MigrationPage } from './routes/migration/index.js';
import { MigrationsPage } from './routes/migrations.js';
import { NewCampaignPage } from './routes/new-campaign/index.js';
import { ParkedPage } from './routes/parked.js';
import { VimsPage } from './routes/vims.js';
import { idOf } from './text/places.js';
import { presentTimeZone } from './text/times.js';

export function App() {
  // On another page the next try begins.
  const [location] = useLocation();
  return (
    <>
      <Header />
      <OutageBanner />
      <main id="main" tabIndex={-1}>
        <ErrorBoundary what="The page" key={location}>
          <Present />
        </ErrorBoundary>
      </main>
      <footer className="quiet">Times are in {presentTimeZone()}.</footer>
    </>
  );
}

/** The address stays as it is while one logs in, so that one gets where one wanted to. */
function Present() {
  const state = useSession();
  switch (state.kind) {
    case 'unknown':
      return <p aria-busy="true">Asking who is logged in</p>;
    case 'logged-out':
      return <LoginPage />;
    case 'present':
      return <Routes />;
  }
}

function Routes() {
  return (
    <Switch>
      <Route path="/" component={CampaignsPage} />
      <Route path="/campaigns/new" component={NewCampaignPage} />
      <Route path="/campaigns/:id">{({ id }) => <CampaignPage key={id} id={idOf(id)} />}</Route>
      <Route path="/migrations" component={MigrationsPage} />
      <Route path="/migrations/:id">{({ id }) => <MigrationPage key={id} id={idOf(id)} />}</Route>
      <Route path="/vims" component={VimsPage} />
      <Route path="/limits" component={LimitsPage} />
      <Route path="/parked" component={ParkedPage} />
      <Route path="/doctor" component={DoctorPage} />
      <Route>
        <Page title="No such page">
          <p>The console has no page of this address.</p>
        </Page>
      </Route>
    </Switch>
  );
}
