/**
 * What openapi.yaml is held to: Spectral's recommended rules for OpenAPI, and what we promise whoever writes a client.
 * An exception stands here with its reason, never in the document.
 */
import functions from "@stoplight/spectral-functions";
import rulesets from "@stoplight/spectral-rulesets";

const { defined, length, pattern } = functions;
const OPERATION = "$.paths[*][get,put,post,delete]";

/** A body's media type: an example of its own, or of the schema that it names. Spectral has resolved what it names. */
const shown = (media) => {
  const told = media.schema ?? {};
  if (media.example !== undefined || media.examples !== undefined || (told.examples ?? []).length > 0) return [];
  return [{ message: "A body without an example: add one to the model, see api/schemas/examples." }];
};

export default {
  extends: [[rulesets.oas, "recommended"]],
  rules: {
    // Whom to turn to is whoever runs an installation, who differs: nobody could be named here.
    "info-contact": "off",
    "tag-description": "error",
    "operation-singular-tag": "error",
    "tendwell-operation-id": {
      description: "An operation's id is a verb and what it is done to, in small letters: method names are made of it.",
      given: `${OPERATION}.operationId`,
      severity: "error",
      then: { function: pattern, functionOptions: { match: "^[a-z]+(_[a-z0-9]+)*$" } },
    },
    "tendwell-operation-described": {
      description: "Every operation says in words what it does.",
      given: OPERATION,
      severity: "error",
      then: { field: "description", function: length, functionOptions: { min: 15 } },
    },
    "tendwell-answer-described": {
      description: "Every answer says what it means, not that it was successful.",
      given: `${OPERATION}.responses[*].description`,
      severity: "error",
      then: { function: pattern, functionOptions: { notMatch: "^(Successful Response)?$" } },
    },
    "tendwell-refuses-aloud": {
      description: "Every operation says how it refuses.",
      given: `${OPERATION}.responses`,
      severity: "error",
      then: ["400", "422", "4XX", "500"].map((field) => ({ field, function: defined })),
    },
    "tendwell-request-shown": {
      description: "Every body that is sent has an example.",
      given: `${OPERATION}.requestBody.content[*]`,
      message: "{{error}}",
      severity: "error",
      then: { function: shown },
    },
    "tendwell-answer-shown": {
      description: "Every JSON body of a success has an example.",
      given: `${OPERATION}.responses[?(@property.match(/^2/))].content[application/json]`,
      message: "{{error}}",
      severity: "error",
      then: { function: shown },
    },
  },
};
