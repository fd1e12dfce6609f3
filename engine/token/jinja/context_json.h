// The variables of a rendering, from their JSON text.
#pragma once

#include <string_view>

#include "base/result.h"
#include "engine/token/jinja/interpreter.h"

namespace sotto::jinja {

// Errors: InvalidArgument when `json` is not a JSON object (with the byte offset). May raise a
// TemplateFault when it is too large or too deeply nested.
Status setVariables(Interpreter& interpreter, std::string_view json);

}  // namespace sotto::jinja
