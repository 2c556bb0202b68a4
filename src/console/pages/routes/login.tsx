/** Takes the token of an operator or a viewer. */
import { useState, type SubmitEvent } from 'react';
import { asProblem, type ApiProblem } from '../api/problem.js';
import { logIn } from '../api/session.js';
import { Page } from '../components/page.js';
import { ProblemList } from '../components/problem-list.js';

export function LoginPage() {
  const [problem, setProblem] = useState<ApiProblem | null>(null);
  const [isBusy, setIsBusy] = useState(false);
  const submit = async (event: SubmitEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const token = new FormData(event.currentTarget).get('token');
    setIsBusy(true);
    try {
      await logIn(typeof token === 'string' ? token.trim() : '');
    } catch (error) {
      setProblem(asProblem(error));
      setIsBusy(false);
    }
  };
  return (
    <Page title="Log in">
      <form className="narrow" onSubmit={(event) => void submit(event)}>
        <ProblemList problem={problem} />
        <label>
          Token
          <input type="password" name="token" required autoComplete="current-password" />
          <small>It is sent once. The browser then keeps a cookie that scripts cannot read.</small>
        </label>
        <button type="submit" aria-busy={isBusy} disabled={isBusy}>
          Log in
        </button>
      </form>
    </Page>
  );
}
