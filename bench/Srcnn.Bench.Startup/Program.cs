using System.Globalization;
using Srcnn.Bench.Startup;
using Srcnn.Engine.Imaging;

// "copy" is what starting srcnn is measured against: it decodes and encodes a picture and does nothing else. "flow" measures what a picture costs
// from file to file beside the sum of its stages.
switch (args)
{
    case ["copy", var input, var output]:
        ImageFile.Write(output, ImageFile.Read(input));
        return 0;
    case ["prepare", var folder, var side]:
        Preparation.Write(folder, int.Parse(side, CultureInfo.InvariantCulture));
        return 0;
    case ["prepare-flow", var folder, var count]:
        Preparation.WriteFlow(folder, int.Parse(count, CultureInfo.InvariantCulture));
        return 0;
    case ["flow", var srcnn, var folder, var rounds]:
        Flow.Run(srcnn, folder, int.Parse(rounds, CultureInfo.InvariantCulture));
        return 0;
    default:
        Console.Error.WriteLine("usage: copy INPUT OUTPUT | prepare FOLDER SIDE | prepare-flow FOLDER COUNT | flow SRCNN FOLDER ROUNDS");
        return 1;
}
