/** How a test gets a broker that nobody gave it. Both reject with the reason why there is none. */
export interface Ways<Broker> {
  readonly container: () => Promise<Broker>;
  readonly native: () => Promise<Broker>;
}

type Way = keyof Ways<never>;

/** `asked`: TEST_BROKERS. Left out or empty: both ways, one after the other. */
function chosen(asked: string, first: Way): readonly Way[] {
  switch (asked) {
    case '':
      return first === 'container' ? ['container', 'native'] : ['native', 'container'];
    case 'docker':
      return ['container'];
    case 'native':
      return ['native'];
    default:
      throw new Error(`TEST_BROKERS is ${asked}: expected docker or native`);
  }
}

const said = { container: 'in a container', native: 'on this machine' } as const;

/**
 * Starts a broker in the way that TEST_BROKERS asks for: `docker`, `native`; by default `first`, and where that fails
 * the other one. Rejects with all reasons.
 */
export async function startInOneWay<Broker>(
  ways: Ways<Broker>,
  first: Way,
  asked: string = process.env['TEST_BROKERS'] ?? '',
): Promise<Broker> {
  const reasons: string[] = [];
  for (const way of chosen(asked, first)) {
    try {
      return await ways[way]();
    } catch (error) {
      reasons.push(`${said[way]}: ${firstLine(error)}`);
    }
  }
  throw new Error(reasons.join('; '));
}

function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.split('\n')[0] ?? message;
}
