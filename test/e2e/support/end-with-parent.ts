/**
 * For `node --import`, in a child that is spawned with an IPC channel: it ends when this process does, however that
 * ends, for then the channel between them closes.
 */
export const END_WITH_PARENT = 'data:text/javascript,process.on("disconnect", () => process.exit());';
