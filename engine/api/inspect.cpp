#include "engine/api/inspect.h"

#include "engine/schedule/loaded_model.h"

namespace sotto {

Result<ModelInfo> inspectModel(const LoadOptions& options) {
    LoadRequest request;
    request.model = options;
    return describeModel(request);
}

}  // namespace sotto
