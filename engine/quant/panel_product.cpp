#include "engine/quant/panel_product.h"

#include "base/check.h"

namespace sotto {
namespace {

template <typename Number>
void addPanels(const PanelProduct<Number>& product, std::optional<Isa> isa) {
    SOTTO_CHECK(product.nColumns % kPanelColumns == 0);
    if (isa.value_or(bestIsa()) == Isa::Scalar)
        baseline::addPanelSums(product);
    else
        avx2::addPanelSums(product);
}

}  // namespace

void addPanelProduct(const PanelProduct<float>& product, std::optional<Isa> isa) {
    addPanels(product, isa);
}
void addPanelProduct(const PanelProduct<double>& product, std::optional<Isa> isa) {
    addPanels(product, isa);
}

}  // namespace sotto
