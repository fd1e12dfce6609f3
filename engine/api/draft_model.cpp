#include "engine/api/draft_model.h"

#include "base/guarded.h"
#include "engine/schedule/draft_file.h"

namespace sotto {

Status checkDraftModel(const std::filesystem::path& model, const std::filesystem::path& draft) {
    return guarded([&]() -> Status {
        SOTTO_ASSIGN(const auto file, openModelFile(model));
        return openDraftFile(draft, *file).map([](const auto&) {});
    });
}

}  // namespace sotto
