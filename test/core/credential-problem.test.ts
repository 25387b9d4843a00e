import { expect, test } from "vitest";
import { credentialProblemOf } from "../../src/core/credential-problem.ts";

test.each([
  [
    "invalid_client: Error(s): 7000222 - AADSTS7000222: The provided client secret keys for app 'x' are expired.",
    "secretExpired",
  ],
  [
    "AADSTS7000215: Invalid client secret provided. Ensure the secret being sent is the value.",
    "secretWrong",
  ],
  ["AADSTS700027: The certificate with identifier used to sign is not registered.", "certificateRefused"],
  ["AADSTS700016: Application with identifier 'x' was not found in the directory.", "applicationUnknown"],
  ["AADSTS90002: Tenant 'x' not found.", "tenantUnknown"],
  ["AADSTS53003: Access has been blocked by Conditional Access policies.", "blocked"],
  ["AADSTS50196: The server terminated an operation.", "unknown"],
  [
    "ManagedIdentityCredential: Authentication failed. Message Attempted to use the IMDS endpoint, but it is not available.",
    "noManagedIdentity",
  ],
  ["getaddrinfo ENOTFOUND login.microsoftonline.com", "unreachable"],
  ["endpoints_resolution_error: Endpoints cannot be resolved", "unreachable"],
  ["The token did not come in time.", "unknown"],
  ["", "unknown"],
])("%s", (message, problem) => {
  expect(credentialProblemOf(message)).toBe(problem);
});
