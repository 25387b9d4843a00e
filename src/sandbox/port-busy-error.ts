export class PortBusyError extends Error {
  override readonly name = "PortBusyError";
  readonly port: number;

  constructor(host: string, port: number, options: ErrorOptions) {
    super(
      `Port ${port} on ${host} is in use by another program. ` +
        `Choose another one, for example: npm run sandbox -- --port ${port === 65_535 ? 3_979 : port + 1} (0 takes any free port).`,
      options,
    );
    this.port = port;
  }
}
