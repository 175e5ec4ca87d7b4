// A certified OpenID provider (panva/node-oidc-provider) on loopback, with NHS login's claims and a page that signs in
// whoever the test names: GET /interaction/<uid>/sign-in?as=<name>, or /interaction/<uid>/refuse.
// One argument, as JSON: issuer, port, clientId, redirectUri, keySet (the client's), people (claims by name).

import { generateKeyPair, exportJWK } from "jose";
import { createServer } from "node:http";
import { Provider } from "oidc-provider";

const given = JSON.parse(process.argv[2]);
const { privateKey } = await generateKeyPair("RS512", { extractable: true });
const signing = { ...(await exportJWK(privateKey)), kid: "provider-1", alg: "RS512", use: "sig" };

const provider = new Provider(given.issuer, {
  clients: [
    {
      client_id: given.clientId,
      redirect_uris: [given.redirectUri],
      response_types: ["code"],
      grant_types: ["authorization_code"],
      token_endpoint_auth_method: "private_key_jwt",
      token_endpoint_auth_signing_alg: "RS512",
      id_token_signed_response_alg: "RS512",
      require_auth_time: true,
      jwks: given.keySet,
    },
  ],
  jwks: { keys: [signing] },
  enabledJWA: { idTokenSigningAlgValues: ["RS512"], clientAuthSigningAlgValues: ["RS512"] },
  claims: {
    openid: ["sub", "vot", "vtm"],
    profile: ["nhs_number", "birthdate", "family_name", "identity_proofing_level"],
  },
  // As NHS login does, the ID token carries the claims themselves.
  conformIdTokenClaims: false,
  extraParams: ["vtr"],
  pkce: { required: () => true },
  features: { devInteractions: { enabled: false } },
  cookies: { keys: ["a key for tests alone, on loopback"] },
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  ttl: { AuthorizationCode: 600, IdToken: 3600, AccessToken: 300, Interaction: 600, Session: 3600, Grant: 3600 },
  async findAccount(_, name) {
    return { accountId: name, claims: async () => ({ sub: name, ...given.people[name] }) };
  },
});

const answer = provider.callback();

async function interact(request, response) {
  const { pathname, searchParams } = new URL(request.url, given.issuer);
  const step = pathname.split("/")[3];
  if (step === undefined) {
    const people = Object.keys(given.people)
      .map((name) => `<li><a href="${pathname}/sign-in?as=${name}">${name}</a></li>`)
      .join("");
    response.setHeader("content-type", "text/html; charset=utf-8");
    response.end(
      `<!doctype html><html lang="en"><title>Test login</title><h1>Sign in as</h1><ul>${people}</ul>` +
        `<p><a href="${pathname}/refuse">Do not share my information</a></p></html>`,
    );
    return;
  }
  if (step === "refuse") {
    const refusal = { error: "access_denied", error_description: "ConsentNotGiven" };
    await provider.interactionFinished(request, response, refusal, { mergeWithLastSubmission: false });
    return;
  }
  const { params } = await provider.interactionDetails(request, response);
  const accountId = searchParams.get("as");
  const grant = new provider.Grant({ accountId, clientId: params.client_id });
  grant.addOIDCScope(params.scope);
  const grantId = await grant.save();
  const result = { login: { accountId }, consent: { grantId } };
  await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
}

createServer((request, response) => {
  if (request.url.startsWith("/interaction/")) {
    interact(request, response).catch((error) => {
      response.statusCode = 500;
      response.end(String(error));
    });
  } else {
    answer(request, response);
  }
}).listen(given.port, "127.0.0.1", () => console.log("ready"));
