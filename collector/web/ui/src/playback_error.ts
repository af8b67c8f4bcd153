// Why a recording does not play. Its <audio> does not say what the collector
// answered; whoever asks for a byte is told.
import { ApiError, errorOf } from './api/client';

// MediaError.MEDIA_ERR_NETWORK
const NETWORK = 2;

export async function playbackError(url: string, media: Pick<MediaError, 'code' | 'message'> | null): Promise<ApiError> {
  const response = await fetch(url, { headers: { Range: 'bytes=0-0' } }).catch(() => null);
  if (!response) return new ApiError('offline', '');
  if (!response.ok) return errorOf(response);
  response.body?.cancel().catch(() => {});
  // The collector has it, so the fault is between there and the loudspeaker.
  return new ApiError(media?.code === NETWORK ? 'cut' : 'undecodable', media?.message ?? '');
}
