/** Sends a form: at most one at a time; what was refused stays shown until the next try. */
import { useState } from 'react';
import { asProblem, type ApiProblem } from '../api/problem.js';

export interface Submit {
  isBusy: boolean;
  problem: ApiProblem | null;
  /** True: it was done. */
  submit: (act: () => Promise<void>) => Promise<boolean>;
}

export function useSubmit(): Submit {
  const [isBusy, setIsBusy] = useState(false);
  const [problem, setProblem] = useState<ApiProblem | null>(null);
  const submit = async (act: () => Promise<void>): Promise<boolean> => {
    setIsBusy(true);
    setProblem(null);
    try {
      await act();
      return true;
    } catch (error) {
      setProblem(asProblem(error));
      return false;
    } finally {
      setIsBusy(false);
    }
  };
  return { isBusy, problem, submit };
}
