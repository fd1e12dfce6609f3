#include "app/models/model_search.h"

#include <algorithm>

namespace sotto::app {
namespace {

constexpr int kRoles[] = {ModelListModel::NameRole,         ModelListModel::OwnNameRole,
                          ModelListModel::FileNameRole,     ModelListModel::FolderRole,
                          ModelListModel::QuantizationRole, ModelListModel::ArchitectureRole};

// Whether a word of `text` begins so.
bool hasWord(const QString& text, const QString& word) {
    for (qsizetype at = -1; (at = text.indexOf(word, at + 1, Qt::CaseInsensitive)) >= 0;)
        if (at == 0 || !text[at - 1].isLetterOrNumber()) return true;
    return false;
}

}  // namespace

ModelSearch::ModelSearch(QObject* parent) : QSortFilterProxyModel(parent) {}

ModelListModel* ModelSearch::models() const { return qobject_cast<ModelListModel*>(sourceModel()); }

void ModelSearch::setModels(ModelListModel* models) {
    if (models == sourceModel()) return;
    setSourceModel(models);
    emit modelsChanged();
}

void ModelSearch::setText(const QString& text) {
    if (text == m_text) return;
    m_text = text;
    invalidateFilter();
    emit textChanged();
}

bool ModelSearch::filterAcceptsRow(int row, const QModelIndex& parent) const {
    const QModelIndex model = sourceModel()->index(row, 0, parent);
    QStringList said;
    for (const int role : kRoles) said.append(model.data(role).toString());
    const auto isIn = [](const QStringList& texts, const auto& wanted) {
        return std::any_of(texts.begin(), texts.end(),
                           [&wanted](const QString& text) { return wanted(text); });
    };
    if (isIn(said,
             [this](const QString& text) { return text.contains(m_text, Qt::CaseInsensitive); }))
        return true;
    const QStringList words = m_text.split(QLatin1Char(' '), Qt::SkipEmptyParts);
    return words.size() > 1 && std::all_of(words.begin(), words.end(), [&](const QString& word) {
               return isIn(said, [&word](const QString& text) { return hasWord(text, word); });
           });
}

QString ModelSearch::problemOf(const QString& path) const {
    for (int row = 0; row < rowCount(); ++row)
        if (const QModelIndex model = index(row, 0);
            model.data(ModelListModel::PathRole).toString() == path)
            return model.data(ModelListModel::ProblemRole).toString();
    return {};
}

int ModelSearch::loadedRow() const {
    for (int row = 0; row < rowCount(); ++row)
        if (index(row, 0).data(ModelListModel::FitRole).toInt() == ModelListModel::IsLoaded)
            return row;
    return 0;
}

}  // namespace sotto::app
