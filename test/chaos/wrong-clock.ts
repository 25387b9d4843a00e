/**
 * Loaded before Opwatch (`node --import`): the system's clock of this process is wrong, as on a
 * machine that does not keep time. Its monotonic clock goes on as it is.
 */
const byMs = Number(process.env["CHAOS_CLOCK_MS"] ?? 0);
const RealDate = Date;
const realNow = RealDate.now.bind(RealDate);

const wrongNow = (): number => realNow() + byMs;

globalThis.Date = new Proxy(RealDate, {
  construct(target, args, newTarget): object {
    const made: unknown = Reflect.construct(target, args.length === 0 ? [wrongNow()] : args, newTarget);
    return made instanceof RealDate ? made : new RealDate(wrongNow());
  },
  apply: () => new RealDate(wrongNow()).toString(),
  get(target, name, receiver): unknown {
    return name === "now" ? wrongNow : Reflect.get(target, name, receiver);
  },
});
