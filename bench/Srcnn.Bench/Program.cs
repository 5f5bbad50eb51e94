using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.NoEmit;
using Perfolizer.Horology;
using Srcnn.Bench;

if (args is ["algorithms"])
{
    AlgorithmTable.Write(Console.Out);
    return 0;
}

// In this process: the work is whole network passes of a millisecond and more, and no second build can go astray.
var job = Job.Default.WithToolchain(InProcessNoEmitToolchain.Instance).WithIterationTime(TimeInterval.FromMilliseconds(200)).WithWarmupCount(4).WithIterationCount(12);
if (Settings.Quick) job = Job.Dry.WithToolchain(InProcessNoEmitToolchain.Instance);
var config = ManualConfig.CreateEmpty()
    .AddJob(job)
    .AddLogger(ConsoleLogger.Default)
    .AddExporter(MarkdownExporter.GitHub)
    .AddColumnProvider(DefaultColumnProviders.Params)
    .AddColumn(StatisticColumn.Median, StatisticColumn.Min, StatisticColumn.Max, new RateColumn(), new LimitColumn())
    .WithSummaryStyle(SummaryStyle.Default.WithMaxParameterColumnWidth(80).WithTimeUnit(TimeUnit.Millisecond))
    .WithUnionRule(ConfigUnionRule.AlwaysUseLocal);
if (Settings.Artifacts is { } folder) config = config.WithArtifactsPath(folder);

var summaries = BenchmarkSwitcher.FromAssembly(typeof(WorkloadBench).Assembly).Run(args, config).ToList();
var failed = summaries.Count == 0 || summaries.Any(s => s.HasCriticalValidationErrors || s.Reports.Any(r => !r.Success));
return failed ? 1 : 0;
