#include "migration/inspect/schema.h"

#include <array>

#include "base/json.h"
#include "godwit/migration/v1/record.pb.h"
#include "migration/inspect/schema_notes.h"
#include "transport/rpc/json_schema.h"

namespace godwit::migration {

std::string record_schema() {
    rpc::JsonSchemas schemas(annotate_member);
    const std::array<std::string, 1> without{"origin"};
    JsonObject record = schemas.message(*v1::UserRecord::descriptor(), rpc::JsonSchemas::Direction::request, without);
    JsonObject out, components;
    out.set("$schema", "https://json-schema.org/draft/2020-12/schema");
    out.set("title", "A user as Godwit takes them: one line of --from godwit");
    out.set("description", "All may be left out but one of sourceId, userId, userName and email.address. docs/migrate/sources/godwit.md");
    out.merge(record);
    out.set_json("anyOf", R"([{"required":["sourceId"]},{"required":["userId"]},{"required":["userName"]},)"
                          R"({"required":["email"],"properties":{"email":{"required":["address"]}}}])");
    components.set("schemas", schemas.components());
    out.set("components", components);
    return out.text();
}

}  // namespace godwit::migration
