// QuantizePlan: what becomes of every tensor of a source, decided before a byte is written.
//
// Made from the source's keys and shapes, a mix, a person's own rules and what an importance matrix
// covers; carried out by quantize_run. Plain values.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/api/quantize.h"
#include "engine/quant/mix.h"
#include "engine/quant/quantize.h"
#include "engine/quantize/importance.h"
#include "engine/quantize/tensor_source.h"

namespace sotto {

// What is asked for, understood.
struct QuantizeRecipe {
    std::optional<Mix> mix;  // with a budget there may be none
    QuantizeBudget budget;
    std::vector<KeepRule> keep;
    ModelMethod method = ModelMethod::Search;
    bool isImportanceToCome = false;  // see QuantizeOptions

    // Of rows by themselves.
    QuantizeMethod rowMethod() const {
        return method == ModelMethod::Nearest ? QuantizeMethod::Nearest : QuantizeMethod::Search;
    }
    // Whether the tensor is to be made with error feedback.
    bool isFeeding(const QuantizedTensor& tensor) const;

    // For the file's keys: "Q4_K_M, method search, keep attn_v=Q8_0".
    std::string text() const;
    // Whether a person has chosen its type.
    bool isKept(std::string_view tensorName) const;
};

// Errors: InvalidArgument (a type or a pattern that is not known).
Result<QuantizeRecipe> parseRecipe(const QuantizeOptions& options);

// What the mix and a person's rules have for each tensor; without a mix Q8_0 for each that is not
// kept as it is. Errors: InvalidArgument (a rule that is for no tensor).
Result<std::vector<ChosenType>> chooseTensorTypes(const TensorSource& source,
                                                  const QuantizeRecipe& recipe, bool hasImportance);

// `importance` may be null. Errors: as planQuantization(). Leaves report.fileBytes open: it depends
// on the keys.
Result<QuantizeReport> planTensors(const TensorSource& source, const QuantizeRecipe& recipe,
                                   const ImportanceMatrix* importance,
                                   std::span<const ChosenType> chosen);

}  // namespace sotto
