/** A second process was started on an embedded database's directory. */
export class DirectoryInUseError extends Error {
  override readonly name = "DirectoryInUseError";
  readonly directory: string;

  constructor(directory: string) {
    super(
      `The data directory "${directory}" is in use by another Opwatch process. ` +
        "An embedded database serves one process: stop the other one, set DATA_DIR to another directory, " +
        "or set DATABASE_URL so that several processes share a PostgreSQL server.",
    );
    this.directory = directory;
  }
}
