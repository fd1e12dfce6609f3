// ModelListModel: the models that can be loaded: the built-in demo first, then files by last use.
#pragma once

#include <QAbstractListModel>
#include <QQmlEngine>

namespace sotto::app {

class ModelListModel : public QAbstractListModel {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("owned by ModelController")
    Q_PROPERTY(int count READ rowCountProperty NOTIFY countChanged)

public:
    enum Fit { Unknown, IsLoaded, Fits, FitsShorter, DoesNotFit, Unreadable };
    Q_ENUM(Fit)

    enum Role {
        NameRole = Qt::UserRole + 1,
        PathRole,
        QuantizationRole,
        FileBytesRole,
        MemoryBytesRole,    // predicted at the context it would be loaded with; 0 unknown
        ContextTokensRole,  // that context
        FitRole,
        PredictedSpeedRole,  // tokens/s: measured bandwidth over bytes per token; 0 unknown
        IsDemoRole,
        ProblemRole,  // Unreadable, DoesNotFit: the sentence, translated
    };
    Q_ENUM(Role)
    // role names: name path quantization fileBytes memoryBytes contextTokens fit predictedSpeed
    // isDemo problem

signals:
    void countChanged();
};

}  // namespace sotto::app
