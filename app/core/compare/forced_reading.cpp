#include "app/core/compare/forced_reading.h"

#include <algorithm>

namespace sotto::app {

ForcedReading forcedReading(const std::vector<AnswerToken>& reference,
                            const std::vector<AnswerToken>& model) {
    const std::size_t nTokens = std::min(reference.size(), model.size());
    ForcedReading reading;
    reading.nTokens = static_cast<std::int64_t>(nTokens);
    for (std::size_t index = 0; index < nTokens; ++index) {
        const AnswerToken& own = model[index];
        if (own.isSame() || own.choice == reference[index].choice) continue;
        reading.others.push_back({index, static_cast<float>(reference[index].probability),
                                  own.choiceText, static_cast<float>(own.choiceProbability)});
    }
    return reading;
}

}  // namespace sotto::app
