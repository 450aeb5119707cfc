/** Answers by key, each asked for once and kept for a while; a question that failed is asked again the next time. */
export class Kept<T> {
  private readonly answers = new Map<string, { readonly atMs: number; readonly answer: Promise<T> }>();
  private readonly forMs: number;
  private readonly most: number;

  constructor(forMs: number, most: number) {
    this.forMs = forMs;
    this.most = most;
  }

  get(key: string, ask: () => Promise<T>): Promise<T> {
    const known = this.answers.get(key);
    if (known !== undefined && Date.now() - known.atMs < this.forMs) return known.answer;
    const answer = ask();
    this.answers.delete(key);
    this.answers.set(key, { atMs: Date.now(), answer });
    answer.catch(() => {
      if (this.answers.get(key)?.answer === answer) this.answers.delete(key);
    });
    const [oldest] = this.answers.keys();
    if (this.answers.size > this.most && oldest !== undefined) this.answers.delete(oldest);
    return answer;
  }
}
