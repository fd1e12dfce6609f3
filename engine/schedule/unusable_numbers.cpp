#include "engine/schedule/unusable_numbers.h"

#include <fmt/format.h>

#include <string>
#include <utility>

#include "engine/model/unusable_weight.h"

namespace sotto {

// Of two causes a reader can do something about one: a damaged file.
Error unusableNumbers(LoadedModel& model, std::int64_t position,
                      const std::function<bool()>& isContinuing) {
    if (!model.unusableTensor) {
        auto tensor = firstUnusableTensor(*model.file, isContinuing);
        if (!tensor) return std::move(tensor.error());
        model.unusableTensor = std::move(*tensor);
    }
    const std::string where =
        fmt::format("At position {} the model computed numbers that are not finite", position);
    if (!model.unusableTensor->empty())
        return {ErrorCode::FileDamaged,
                fmt::format("{}: its tensor '{}' holds such weights; download the file again.",
                            where, *model.unusableTensor),
                model.file->file.path().string()};
    return {ErrorCode::FileDamaged,
            fmt::format("{} although its weights are: they grow beyond what float32 holds; choose "
                        "another file of this model.",
                        where),
            model.file->file.path().string()};
}

}  // namespace sotto
