/** Why there is no access token, where Entra or the identity endpoint says so. */
export type CredentialProblem =
  | "secretExpired"
  | "secretWrong"
  | "certificateRefused"
  | "applicationUnknown"
  | "tenantUnknown"
  | "blocked"
  | "noManagedIdentity"
  | "unreachable"
  | "unknown";

/** https://learn.microsoft.com/entra/identity-platform/reference-error-codes */
const BY_CODE: Readonly<Record<string, CredentialProblem>> = {
  AADSTS7000222: "secretExpired",
  AADSTS7000215: "secretWrong",
  AADSTS7000216: "secretWrong",
  AADSTS700027: "certificateRefused",
  AADSTS700030: "certificateRefused",
  AADSTS7000214: "certificateRefused",
  AADSTS700016: "applicationUnknown",
  AADSTS700213: "applicationUnknown",
  AADSTS7000229: "applicationUnknown",
  AADSTS90002: "tenantUnknown",
  AADSTS900023: "tenantUnknown",
  AADSTS53003: "blocked",
  AADSTS7000112: "blocked",
  AADSTS7000114: "blocked",
};

/** @param message of the error that a credential threw. */
export function credentialProblemOf(message: string): CredentialProblem {
  const code = /\bAADSTS\d{5,7}\b/u.exec(message)?.[0];
  if (code !== undefined) return BY_CODE[code] ?? "unknown";
  // What @azure/identity says where no identity endpoint answers.
  if (/ManagedIdentityCredential|\bIMDS\b|identity endpoint/iu.test(message)) return "noManagedIdentity";
  const isOut =
    /\b(?:ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|network_error|endpoints_resolution_error)\b/u;
  return isOut.test(message) ? "unreachable" : "unknown";
}
