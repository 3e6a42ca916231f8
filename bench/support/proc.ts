import { readFileSync } from 'node:fs';

/** Clock ticks of /proc are 10 ms on every Linux that Node runs on. */
const tickUs = 10_000;

/** CPU time that a process used so far, all threads, in microseconds. */
export function cpuUsOf(pid: number): number {
  return cpuUsIn(`/proc/${pid}/stat`);
}

/** Of these, what its main thread used. */
export function mainCpuUsOf(pid: number): number {
  return cpuUsIn(`/proc/${pid}/task/${pid}/stat`);
}

function cpuUsIn(file: string): number {
  const fields = readFileSync(file, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * tickUs;
}

/** Largest resident set that a process had so far, in bytes. */
export function peakRssBytesOf(pid: number): number {
  return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;
}
