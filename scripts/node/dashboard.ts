// What a dashboard file may hold: Grafana's own types, with each panel's options by its type. Only what @grafana/schema
// lacks is told here: Prometheus' queries. In a file an enum stands as its value, and what is left out is Grafana's default.
import type { Dashboard, DataSourceRef, Panel, RowPanel, VariableModel } from '@grafana/schema';
import type { Options as BarGauge } from '@grafana/schema/dist/types/raw/composable/bargauge/panelcfg/x/BarGaugePanelCfg_types.gen.d.ts';
import type {
  FieldConfig as HeatmapField,
  Options as Heatmap,
} from '@grafana/schema/dist/types/raw/composable/heatmap/panelcfg/x/HeatmapPanelCfg_types.gen.d.ts';
import type { Options as Stat } from '@grafana/schema/dist/types/raw/composable/stat/panelcfg/x/StatPanelCfg_types.gen.d.ts';
import type {
  FieldConfig as TableField,
  Options as Table,
} from '@grafana/schema/dist/types/raw/composable/table/panelcfg/x/TablePanelCfg_types.gen.d.ts';
import type {
  FieldConfig as TimeSeriesField,
  Options as TimeSeries,
} from '@grafana/schema/dist/types/raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen.d.ts';

type Prometheus = DataSourceRef & { type: 'prometheus'; uid: '${datasource}' };

interface Query {
  refId: string;
  expr: string;
  legendFormat: string;
  format?: 'time_series' | 'table' | 'heatmap';
  instant?: boolean;
  range?: boolean;
}

/** A value as JSON writes it: an enum's member by its value, an object by what is given of it. */
type Written<T> = T extends string
  ? `${T}`
  : T extends number
    ? number extends T
      ? T
      : `${T}` extends `${infer N extends number}`
        ? N
        : T
    : T extends readonly (infer E)[]
      ? Written<E>[]
      : T extends object
        ? { [K in keyof T]: Written<T[K]> }
        : T;

type Defaults<Custom> = Omit<NonNullable<Panel['fieldConfig']>['defaults'], 'custom' | 'unit'> & {
  unit: string;
  custom?: Partial<Custom>;
};

type Of<Type extends string, Options, Custom = never> = Omit<
  Panel,
  'type' | 'options' | 'fieldConfig' | 'targets' | 'datasource'
> & {
  id: number;
  type: Type;
  title: string;
  description: string;
  datasource: Prometheus;
  targets: Query[];
  options: Partial<Options>;
  fieldConfig: Omit<NonNullable<Panel['fieldConfig']>, 'defaults'> & { defaults: Defaults<Custom> };
};

type AnyPanel =
  | RowPanel
  | Of<'stat', Stat>
  | Of<'timeseries', TimeSeries, TimeSeriesField>
  | Of<'heatmap', Heatmap, HeatmapField>
  | Of<'bargauge', BarGauge>
  | Of<'table', Table, TableField>;

type Variable = Omit<VariableModel, 'query' | 'datasource'> &
  (
    | { type: 'datasource'; query: 'prometheus' }
    | { type: 'query'; datasource: Prometheus; query: { query: string; refId: string } }
  );

export type DashboardFile = Written<
  Omit<Dashboard, 'panels' | 'templating'> & {
    uid: string;
    title: string;
    panels: AnyPanel[];
    templating: { list: Variable[] };
  }
>;
