// SamplingModel: the sampling settings of one layer (app or chat) as rows: value, where it comes
// from, reset.
#pragma once

#include <QAbstractListModel>
#include <QQmlEngine>

namespace sotto::app {

class SamplingModel : public QAbstractListModel {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("owned by a controller")
    // One line for the top bar: "temp 0.3"; and whether anything differs from the defaults.
    Q_PROPERTY(QString summary READ summary NOTIFY changed)
    Q_PROPERTY(bool isModified READ isModified NOTIFY changed)  // this layer overrides something

public:
    enum Source { Default, App, Chat };
    Q_ENUM(Source)

    enum Role {
        KeyRole =
            Qt::UserRole + 1,  // temperature topK topP minP typicalP repeatPenalty presencePenalty
                               // frequencyPenalty dryMultiplier maxTokens seed
        ValueRole,  // double; seed: -1 is "random", maxTokens: -1 is "no limit"
        MinimumRole,
        MaximumRole,
        StepRole,
        DecimalsRole,  // int
        SourceRole,    // Source of the value shown
    };
    Q_ENUM(Role)
    // role names: key value minimum maximum step decimals source. QML translates keys into labels.

    Q_INVOKABLE void setValue(const QString& key, double value);
    Q_INVOKABLE void reset(const QString& key);
    Q_INVOKABLE void resetAll();

signals:
    void changed();
};

}  // namespace sotto::app
