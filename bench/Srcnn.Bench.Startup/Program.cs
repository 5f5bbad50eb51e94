using System.Globalization;
using Srcnn.Bench.Startup;
using Srcnn.Engine.Imaging;

// "copy" is what srcnn upscale is measured against: it decodes and encodes a picture and does nothing else.
switch (args)
{
    case ["copy", var input, var output]:
        ImageFile.Write(output, ImageFile.Read(input));
        return 0;
    case ["prepare", var folder, var side]:
        Preparation.Write(folder, int.Parse(side, CultureInfo.InvariantCulture));
        return 0;
    default:
        Console.Error.WriteLine("usage: copy INPUT OUTPUT | prepare FOLDER SIDE");
        return 1;
}
