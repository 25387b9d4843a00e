/** How much there is, for all replicas. */
export type Depths = {
  readonly openWatches: number;
  readonly liveOperations: number;
  /** Due for more than five seconds. */
  readonly overdueOperations: number;
  /** How long the one that is due longest has been so. */
  readonly oldestDueMs: number;
  /** How long a new check would wait for its turn in the tenant where that is longest. */
  readonly lineMs: number;
  readonly waitingDeliveries: number;
  readonly waitingCallbacks: number;
  readonly jobs: readonly { readonly queue: string; readonly count: number }[];
};
