#include "engine/api/inspect.h"

#include "engine/base/guarded.h"
#include "engine/schedule/loaded_model.h"

namespace sotto {

Result<ModelInfo> inspectModel(const LoadOptions& options) {
    return guarded([&] {
        LoadRequest request;
        request.model = options;
        return describeModel(request);
    });
}

}  // namespace sotto
