/** Nothing: what is left is what Temporal itself costs. */
export async function emptyOrder(_input: { orderId: string }): Promise<void> {
  // No step.
}
