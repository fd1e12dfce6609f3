#include "engine/api/architectures.h"

#include "engine/model/architectures/architecture.h"

namespace sotto {

std::vector<std::string_view> supportedArchitectures() {
    std::vector<std::string_view> names;
    for (const Architecture& architecture : builtinArchitectures())
        names.push_back(architecture.name);
    return names;
}

}  // namespace sotto
