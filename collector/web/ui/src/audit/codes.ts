// google.rpc.Code, by its numbers. What they are called stands in the texts.
const codes = [
  'ok', 'cancelled', 'unknown', 'invalid_argument', 'deadline_exceeded', 'not_found', 'already_exists', 'permission_denied', 'resource_exhausted',
  'failed_precondition', 'aborted', 'out_of_range', 'unimplemented', 'internal', 'unavailable', 'data_loss', 'unauthenticated',
] as const;

export const codeOf = (status: number): typeof codes[number] | undefined => codes[status];
