#include "engine/api/layer_matrices.h"

#include "engine/model/weight_specs.h"

namespace sotto {

void forEachLayerMatrix(const LoadedModel& model,
                        const std::function<void(const Weight& weight, std::string name,
                                                 std::int64_t nMatrices)>& act) {
    const ModelConfig& config = model.file->config;
    for (std::size_t index = 0; index < config.layers.size(); ++index) {
        const LayerConfig& layer = config.layers[index];
        const WeightScope scope{config, layer};
        for (const SpecTable table : layerTables(layer))
            for (const WeightSpec& spec : table) {
                const auto* const place = std::get_if<const Weight * LayerWeights::*>(&spec.place);
                const Weight* const weight =
                    place == nullptr ? nullptr : model.weights.layers[index].*(*place);
                if (weight == nullptr) continue;
                const std::int64_t nMatrices = spec.stack.isThere() ? spec.stack.count(scope) : 1;
                act(*weight, spec.tensorName(static_cast<std::int32_t>(index)), nMatrices);
            }
    }
}

}  // namespace sotto
