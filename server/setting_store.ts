/** What admins have set, where it outlives the server. */
export interface SettingStore {
  /** Flag without `--` → value, as it would be written on the command line. */
  all(): Promise<Map<string, string>>;

  /**
   * Changes all of these or, where that fails, none.
   *
   * @param changes Flag → its new value; null where it is not set any more.
   * @throws {Refusal} `not_stored`
   */
  change(changes: ReadonlyMap<string, string | null>): Promise<void>;
}
