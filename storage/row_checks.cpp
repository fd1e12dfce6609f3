#include "storage/row_checks.h"

namespace sotto::storage {

Status requireJson(Connection& connection, std::string_view json) {
    SOTTO_ASSIGN(Statement check, connection.query("SELECT json_valid(?)", json));
    SOTTO_ASSIGN(const bool hasRow, check.step());
    if (!hasRow || !check.boolean(0)) {
        return fail(ErrorCode::InvalidArgument, "A setting to be stored is not valid JSON.",
                    std::string(json.substr(0, 200)));
    }
    return {};
}

}  // namespace sotto::storage
