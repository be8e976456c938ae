/** The place of `bench/dashboard.ts`, in a process of its own: what it takes is not the browser's. */
import { startCrowd } from '../../test/dashboard/crowd.ts';

const crowd = await startCrowd(JSON.parse(process.argv[2] ?? '{}'));
process.send?.(crowd.url);
process.on('message', (updatesPerSecond) => crowd.setPace(Number(updatesPerSecond)));
process.once('disconnect', () => void crowd.close());
