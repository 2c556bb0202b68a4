/** What is shown in place of a part whose drawing has failed. The other parts stay. */
import { Component, type ReactNode } from 'react';

interface ErrorBoundaryProps {
  /** The name of the part. */
  what: string;
  children: ReactNode;
}

interface ErrorBoundaryState {
  message: string | null;
}

export class ErrorBoundary extends Component<ErrorBoundaryProps, ErrorBoundaryState> {
  override state: ErrorBoundaryState = { message: null };

  static getDerivedStateFromError(error: unknown): ErrorBoundaryState {
    return { message: error instanceof Error ? error.message : String(error) };
  }

  override render(): ReactNode {
    const { message } = this.state;
    if (message === null) return this.props.children;
    return (
      <div role="alert" className="banner bad">
        <p>
          {this.props.what} cannot be shown: {message}. Reload the page; if that does not help, tell whoever
          runs the console.
        </p>
      </div>
    );
  }
}
