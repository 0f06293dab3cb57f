import { describe, expect, it, vi } from 'vitest';
import { CircuitBreaker } from '../../../lambda/proxy/forward/circuit-breaker';

const breaker = (onOpen?: () => void, circuitFailures = 3) =>
  new CircuitBreaker({ circuitFailures, circuitOpenMs: 5_000 }, onOpen);

function fail(circuit: CircuitBreaker, times: number, now = 0): void {
  for (let i = 0; i < times; i += 1) {
    expect(circuit.refuse(now)).toBeUndefined();
    circuit.failed(now);
  }
}

describe('a circuit breaker', () => {
  it('refuses after so many failures in a row, and says for how long', () => {
    const onOpen = vi.fn();
    const circuit = breaker(onOpen);
    fail(circuit, 2);
    expect(onOpen).not.toHaveBeenCalled();
    fail(circuit, 1);
    expect(onOpen).toHaveBeenCalledTimes(1);
    expect(circuit.refuse(0)).toBe(5);
    expect(circuit.refuse(4_001)).toBe(1);
  });

  it('counts failures in a row only', () => {
    const circuit = breaker();
    fail(circuit, 2);
    circuit.succeeded();
    fail(circuit, 2);
    expect(circuit.refuse(0)).toBeUndefined();
  });

  it('lets one through to try, and all once that went well', () => {
    const circuit = breaker();
    fail(circuit, 3);
    expect(circuit.refuse(5_000)).toBeUndefined();
    expect(circuit.refuse(5_000), 'while one tries').toBe(1);
    circuit.succeeded();
    expect(circuit.refuse(5_000)).toBeUndefined();
    expect(circuit.refuse(5_000)).toBeUndefined();
  });

  it('refuses for as long again where that went wrong, and tells of it once', () => {
    const onOpen = vi.fn();
    const circuit = breaker(onOpen);
    fail(circuit, 3);
    fail(circuit, 1, 5_000);
    expect(circuit.refuse(9_999)).toBe(1);
    expect(circuit.refuse(10_000)).toBeUndefined();
    expect(onOpen).toHaveBeenCalledTimes(1);
  });

  it('never refuses where it is switched off', () => {
    const circuit = breaker(undefined, 0);
    fail(circuit, 100);
    expect(circuit.refuse(0)).toBeUndefined();
  });
});
