// The Temporal SDK types its durations with `ms`, which ships no usable types for NodeNext: without this declaration
// every duration in the code would silently be `any`.
declare module 'ms' {
  export type StringValue =
    | `${number}`
    | `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`
    | `${number} ${'milliseconds' | 'seconds' | 'minutes' | 'hours' | 'days'}`;
}
